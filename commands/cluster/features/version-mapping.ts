import { BaseCommand, type FeatureLevel, Flags, loadFeatureLevels } from '../../../src/cli/index.ts'

export default class ClusterFeaturesVersionMapping extends BaseCommand {
  static override summary = 'show the feature levels of a release, without a cluster'
  static override examples = [
    '<%= config.bin %> cluster features version-mapping',
    '<%= config.bin %> cluster features version-mapping --release-version 4.0',
  ]
  static override flags = {
    'release-version': Flags.string({ char: 'r', summary: 'the release; default: the latest', helpValue: 'VERSION' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterFeaturesVersionMapping)
    const { levelsOfRelease, levelText } = await loadFeatureLevels()
    await this.render<FeatureLevel>({
      kind: 'FeatureLevels',
      items: levelsOfRelease(flags['release-version']),
      columns: [
        { name: 'FEATURE', value: ({ feature }) => feature },
        { name: 'LEVEL', value: ({ level }) => level, text: ({ feature, level }) => levelText(feature, level) },
      ],
    })
  }
}
