import type { Admin, FeatureUpdate } from '../client/index.ts'
import { ClusterCommand, divide } from './cluster-command.ts'
import { usageFault } from './fault.ts'
import type { FeatureLevel } from './feature-levels.ts'
import { dryRunFlag, Flags } from './flags.ts'

/** What upgrade and downgrade take. */
export const featureLevelFlags = {
  'release-version': Flags.string({
    char: 'r',
    aliases: ['metadata'],
    summary: 'metadata.version and the features of a release',
    helpValue: 'VERSION',
  }),
  feature: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'one feature; may come several times',
    helpValue: 'NAME=LEVEL',
  }),
  'dry-run': dryRunFlag,
}

interface FeatureLevelValues {
  readonly 'release-version'?: string | undefined
  readonly feature?: string[] | undefined
}

export interface FeatureChange {
  readonly feature: string
  readonly from: number
  readonly to: number
  readonly status: string
}

/** A command that changes the feature levels of a cluster: all that were asked for, or none. */
export abstract class FeatureCommand extends ClusterCommand {
  /** @throws Fault (usage) */
  protected async levels({ 'release-version': release, feature }: FeatureLevelValues): Promise<FeatureLevel[]> {
    const { featureLevels, levelsOfRelease } = await import('./feature-levels.ts')
    if ((release === undefined) === (feature === undefined)) throw usageFault('to which levels?', 'Give --release-version, or --feature.')
    return release === undefined ? featureLevels(feature!) : levelsOfRelease(release)
  }

  protected async change(admin: Admin, updates: readonly FeatureUpdate[], dryRun: boolean, status: string): Promise<void> {
    const { finalizedFeatures } = await admin.describeFeatures()
    const from = new Map(finalizedFeatures.map(({ name, maxVersion }) => [name, maxVersion]))
    const { values, errors } = divide(await admin.updateFeatures(updates, { validateOnly: dryRun }), ({ feature }) => feature)
    const { levelText } = await import('./feature-levels.ts')
    // One fault stands for all of them, and says so.
    const isOne = errors.length > 1 && errors.every(({ message }) => message === errors[0]!.message)
    await this.render<FeatureChange>({
      kind: 'FeatureChanges',
      items: values.map(({ item: { feature, maxVersionLevel } }) => {
        const before = from.get(feature) ?? 0
        const changed = dryRun ? `WOULD-BE-${status}` : status
        return { feature, from: before, to: maxVersionLevel, status: before === maxVersionLevel ? 'UNCHANGED' : changed }
      }),
      errors: isOne ? [{ ...errors[0]!, item: '' }] : errors,
      columns: [
        { name: 'FEATURE', value: ({ feature }) => feature },
        { name: 'FROM', value: (each) => each.from, text: (each) => levelText(each.feature, each.from) },
        { name: 'TO', value: (each) => each.to, text: (each) => levelText(each.feature, each.to) },
        { name: 'STATUS', value: (each) => each.status },
      ],
    })
  }
}
