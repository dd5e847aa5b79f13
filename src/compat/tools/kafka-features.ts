import type { Admin, FeatureUpdate } from '../../client/index.ts'
import { METADATA_VERSION } from '../../metadata/index.ts'
import { loadProperties, withAdmin, withBootstrap } from '../admin-session.ts'
import { grammar } from '../declared/kafka-features.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { illegalArgument, runtimeException } from '../java/exception.ts'
import { padded } from '../java/padded.ts'
import { ArgumentError, type Namespace } from '../options/argument-parser.ts'
import { terse, withArguments } from '../options/arguments-run.ts'
import { guarded, type Tool, type ToolIo } from '../tool.ts'
import { defaultsAt, dependenciesText, type Level, levelOfRelease, levelText, nameAndLevel, versionMappingText } from './feature-tables.ts'

export const kafkaFeatures: Tool = (args, io) =>
  withArguments(
    grammar,
    args,
    io,
    0,
    (namespace) =>
      guarded(
        () => run(namespace, io),
        (exception) => {
          io.err(`${exception.text}\n`)
          return 1
        },
      ),
    (error) => `Command line error: ${error.message}. Type --help for help.`,
  )

async function run(namespace: Namespace, io: ToolIo): Promise<number> {
  const { command } = namespace
  if (command === 'version-mapping') {
    io.out(versionMappingText(namespace.text('release-version')))
    return 0
  }
  if (command === 'feature-dependencies') {
    io.out(dependenciesText(namespace.all('feature') ?? []))
    return 0
  }
  const file = await loadProperties(io, namespace.text('command-config'))
  const [server, controller] = [namespace.text('bootstrap-server'), namespace.text('bootstrap-controller')]
  if (server === undefined && controller === undefined)
    throw new ArgumentError('You must specify either --bootstrap-controller or --bootstrap-server.', { grammar })
  await withAdmin(io, withBootstrap(file, server, controller), async (admin) => {
    if (command === 'describe') await describe(namespace, admin, io)
    else if (command === 'disable') await update(namespace, admin, io, disabled(namespace), downgradeType(namespace))
    else await update(namespace, admin, io, changed(namespace, io), command === 'upgrade' ? 'upgrade' : downgradeType(namespace))
  })
  return 0
}

async function describe(namespace: Namespace, admin: Admin, io: ToolIo): Promise<void> {
  const nodeId = namespace.number('node-id')
  if (nodeId !== undefined && nodeId < 0) throw illegalArgument(`Invalid node id ${nodeId}: must be non-negative.`)
  const options = nodeId === undefined ? {} : { broker: nodeId }
  const { supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch } = await answered(
    'describeFeatures',
    admin.describeFeatures(options),
  )
  const finalized = new Map(finalizedFeatures.map((each) => [each.name, each.maxVersion]))
  const epoch = Number(finalizedFeaturesEpoch) < 0 ? '-' : String(finalizedFeaturesEpoch)
  for (const { name, minVersion, maxVersion } of [...supportedFeatures].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const column = (label: string, level: number): string => `${label}: ${padded([15], [levelText(name, level)])}`
    io.out(
      `Feature: ${padded([40], [name])}  ${column('SupportedMinVersion', minVersion)}  ${column('SupportedMaxVersion', maxVersion)}  ` +
        `${column('FinalizedVersionLevel', finalized.get(name) ?? 0)}  Epoch: ${epoch}\n`,
    )
  }
}

type UpgradeType = NonNullable<FeatureUpdate['upgradeType']>

const downgradeType = (namespace: Namespace): UpgradeType => (namespace.has('unsafe') ? 'unsafeDowngrade' : 'safeDowngrade')

/** @throws JavaException for one that is named twice */
function distinct(levels: readonly Level[]): Level[] {
  const byName = new Map<string, Level>()
  for (const level of levels) {
    if (byName.has(level.feature)) throw runtimeException(`Feature ${level.feature} was specified more than once.`)
    byName.set(level.feature, level)
  }
  return [...byName.values()]
}

const disabled = (namespace: Namespace): Level[] => distinct((namespace.all('feature') ?? []).map((feature) => ({ feature, level: 0 })))

/** @throws JavaException */
function changed(namespace: Namespace, io: ToolIo): Level[] {
  const [metadata, release, named] = [namespace.text('metadata'), namespace.text('release-version'), namespace.all('feature')]
  if (release !== undefined) {
    if (metadata !== undefined || named !== undefined) throw terse('Can not specify `release-version` with other feature flags.')
    const level = levelOfRelease(release)
    const others = defaultsAt(level).filter((each) => namespace.command !== 'upgrade' || each.level > 0)
    return [{ feature: METADATA_VERSION, level }, ...others]
  }
  if (metadata !== undefined) io.out(' `metadata` flag is deprecated and may be removed in a future release.\n')
  const ofMetadata = metadata === undefined ? [] : [{ feature: METADATA_VERSION, level: levelOfRelease(metadata) }]
  return distinct([...ofMetadata, ...(named ?? []).map(nameAndLevel)])
}

async function update(namespace: Namespace, admin: Admin, io: ToolIo, levels: readonly Level[], upgradeType: UpgradeType): Promise<void> {
  const verb = namespace.command
  if (levels.length === 0) throw terse(`You must specify at least one feature to ${verb}`)
  const dryRun = namespace.has('dry-run')
  const updates = levels.map(({ feature, level }) => ({ feature, maxVersionLevel: level, upgradeType }))
  const results = await answered('updateFeatures', admin.updateFeatures(updates, { validateOnly: dryRun }))
  const sorted = [...results].sort((a, b) => (a.item.feature < b.item.feature ? -1 : 1))
  let failures = 0
  for (const { item, error } of sorted) {
    const { feature, maxVersionLevel } = item
    if (error === null)
      io.out(`${feature} ${dryRun ? 'can be' : 'was'} ${verb === 'disable' ? 'disabled' : `${verb}d to ${maxVersionLevel}`}.\n`)
    else {
      failures++
      const what = verb === 'disable' ? `disable ${feature}` : `${verb} ${feature} to ${maxVersionLevel}`
      io.out(`${dryRun ? 'Can not' : 'Could not'} ${what}. ${resultException(error, 'updateFeatures').text}\n`)
    }
  }
  if (failures > 0) throw terse(`${failures} out of ${levels.length} operation(s) failed.`)
}
