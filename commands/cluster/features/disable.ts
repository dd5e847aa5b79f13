import { confirmFlags, dryRunFlag, FeatureCommand, Flags, loadFeatureLevels, textArgs, usageFault } from '../../../src/cli/index.ts'

export default class ClusterFeaturesDisable extends FeatureCommand {
  static override summary = 'set features of a cluster to level 0'
  static override examples = [
    '<%= config.bin %> cluster features disable streams.version --dry-run',
    '<%= config.bin %> cluster features disable streams.version share.version',
  ]
  static override args = { feature: textArgs('features') }
  static override flags = {
    ...confirmFlags,
    feature: Flags.string({ char: 'f', multiple: true, multipleNonGreedy: true, hidden: true }),
    unsafe: Flags.boolean({ summary: 'also when metadata is lost for good; asks first' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ClusterFeaturesDisable)
    const names = [...new Set([...argv, ...(flags.feature ?? [])])]
    if (names.length === 0) throw usageFault('which features?', 'See tkafka cluster features describe.')
    const admin = await this.openAdmin(flags)
    const { updatesOf } = await loadFeatureLevels()
    if (flags.unsafe && !flags['dry-run']) await this.confirm(flags, names, 'Disable these, and lose what cannot be held without?')
    const levels = names.map((feature) => ({ feature, level: 0 }))
    await this.change(admin, updatesOf(levels, flags.unsafe ? 'unsafeDowngrade' : 'safeDowngrade'), flags['dry-run'], 'DISABLED')
  }
}
