import { FeatureCommand, featureLevelFlags, loadFeatureLevels } from '../../../src/cli/index.ts'

export default class ClusterFeaturesUpgrade extends FeatureCommand {
  static override summary = 'raise feature levels of a cluster'
  static override description =
    'When every node runs the new release: what it can do beyond the old one comes into force. All levels are raised, or none.'
  static override examples = [
    '<%= config.bin %> cluster features upgrade --release-version 4.3 --dry-run',
    { description: 'One feature:', command: '<%= config.bin %> cluster features upgrade --feature kraft.version=1' },
  ]
  static override flags = featureLevelFlags

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterFeaturesUpgrade)
    const levels = await this.levels(flags)
    const { updatesOf } = await loadFeatureLevels()
    // What a release does not have yet stays as it is; a level 0 that was asked for is no upgrade, and the cluster says so.
    const raised = flags.feature === undefined ? levels.filter(({ level }) => level > 0) : levels
    await this.change(await this.openAdmin(flags), updatesOf(raised, 'upgrade'), flags['dry-run'], 'UPGRADED')
  }
}
