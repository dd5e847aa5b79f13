import { BaseCommand, Flags, loadFeatureLevels, textArgs, usageFault } from '../../../src/cli/index.ts'

export interface Dependency {
  readonly feature: string
  readonly level: number
  /** What it needs, at least; none: it stands alone. */
  readonly requires: readonly { readonly feature: string; readonly level: number }[]
}

export default class ClusterFeaturesFeatureDependencies extends BaseCommand {
  static override summary = 'show what levels of features need of others, without a cluster'
  static override examples = [
    '<%= config.bin %> cluster features feature-dependencies share.version=1',
    '<%= config.bin %> cluster features feature-dependencies group.version=1 --json',
  ]
  static override args = { feature: textArgs('features with their levels, NAME=LEVEL') }
  static override flags = { feature: Flags.string({ char: 'f', multiple: true, multipleNonGreedy: true, hidden: true }) }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ClusterFeaturesFeatureDependencies)
    const texts = [...argv, ...(flags.feature ?? [])]
    if (texts.length === 0) throw usageFault('which features?', 'Write group.version=1.')
    const { dependenciesOf, featureLevels, levelText } = await loadFeatureLevels()
    await this.render<Dependency>({
      kind: 'FeatureDependencies',
      items: featureLevels(texts).map(({ feature, level }) => ({ feature, level, requires: dependenciesOf(feature, level) })),
      columns: [
        { name: 'FEATURE', value: ({ feature }) => feature },
        { name: 'LEVEL', value: ({ level }) => level, text: ({ feature, level }) => levelText(feature, level) },
        {
          name: 'REQUIRES',
          value: ({ requires }) => requires.map((each) => `${each.feature}=${each.level}`).join(',') || null,
          text: ({ requires }) => requires.map((each) => `${each.feature}=${levelText(each.feature, each.level)}`).join(', '),
        },
      ],
    })
  }
}
