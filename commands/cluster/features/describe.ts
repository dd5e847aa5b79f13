import { ClusterCommand, Flags, loadFeatureLevels, parseCount, watchFlags } from '../../../src/cli/index.ts'

export interface FeatureRow {
  readonly feature: string
  readonly minSupported: number
  readonly maxSupported: number
  /** 0: not in force. */
  readonly finalized: number
  /** Offset of the metadata that it was read from; null: the broker does not know yet. */
  readonly epoch: number | null
}

export default class ClusterFeaturesDescribe extends ClusterCommand {
  static override summary = 'show which feature levels a cluster has, and which it could have'
  static override examples = [
    '<%= config.bin %> cluster features describe',
    { description: 'What one node supports:', command: '<%= config.bin %> cluster features describe --node-id 2' },
  ]
  static override flags = { ...watchFlags, 'node-id': Flags.string({ summary: 'as this node tells it; default: any', helpValue: 'ID' }) }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterFeaturesDescribe)
    const node = flags['node-id'] === undefined ? undefined : parseCount(flags['node-id'], '--node-id', 0, 0x7fffffff)
    const admin = await this.openAdmin(flags)
    const { supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch } = await admin.describeFeatures(
      node === undefined ? {} : { broker: node },
    )
    const { levelText } = await loadFeatureLevels()
    const finalized = new Map(finalizedFeatures.map(({ name, maxVersion }) => [name, maxVersion]))
    const items = supportedFeatures
      .map(({ name, minVersion, maxVersion }) => ({
        ...{ feature: name, minSupported: minVersion, maxSupported: maxVersion, finalized: finalized.get(name) ?? 0 },
        epoch: finalizedFeaturesEpoch < 0 ? null : finalizedFeaturesEpoch,
      }))
      .sort((a, b) => (a.feature < b.feature ? -1 : 1))
    await this.render<FeatureRow>({
      kind: 'FeatureList',
      items,
      columns: [
        { name: 'FEATURE', value: ({ feature }) => feature },
        { name: 'MIN', value: (each) => each.minSupported, text: (each) => levelText(each.feature, each.minSupported) },
        { name: 'MAX', value: (each) => each.maxSupported, text: (each) => levelText(each.feature, each.maxSupported) },
        { name: 'FINALIZED', value: (each) => each.finalized, text: (each) => levelText(each.feature, each.finalized) },
        { name: 'EPOCH', value: ({ epoch }) => epoch, right: true },
      ],
    })
  }
}
