import { confirmFlags, FeatureCommand, Flags, featureLevelFlags, loadFeatureLevels } from '../../../src/cli/index.ts'

export default class ClusterFeaturesDowngrade extends FeatureCommand {
  static override summary = 'lower feature levels of a cluster'
  static override description = 'Before nodes of an older release join. All levels are lowered, or none.'
  static override examples = [
    '<%= config.bin %> cluster features downgrade --feature group.version=0 --dry-run',
    {
      description: 'Also where metadata is lost by it:',
      command: '<%= config.bin %> cluster features downgrade --release-version 4.2 --unsafe',
    },
  ]
  static override flags = {
    ...confirmFlags,
    ...featureLevelFlags,
    unsafe: Flags.boolean({ summary: 'also when metadata is lost for good; asks first' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterFeaturesDowngrade)
    const levels = await this.levels(flags)
    const admin = await this.openAdmin(flags)
    const { levelText, updatesOf } = await loadFeatureLevels()
    if (flags.unsafe && !flags['dry-run']) {
      const plan = levels.map(({ feature, level }) => `${feature} to ${levelText(feature, level)}`)
      await this.confirm(flags, plan, 'Lower these, and lose what the lower level cannot hold?')
    }
    await this.change(admin, updatesOf(levels, flags.unsafe ? 'unsafeDowngrade' : 'safeDowngrade'), flags['dry-run'], 'DOWNGRADED')
  }
}
