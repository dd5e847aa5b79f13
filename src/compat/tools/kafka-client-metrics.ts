import { randomUuid } from '../../base/index.ts'
import type { Admin } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-client-metrics.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { illegalArgument } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { executing, guarded, messageAndTrace, type Tool } from '../tool.ts'
import { resourceConfig, resourceOf } from './config-description.ts'

const about = 'This tool helps to manipulate and describe client metrics configurations.'
const type = 'client-metrics'

export const kafkaClientMetrics: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parseOrUsage(options, args, io)
    validate(line)
    const file = await loadProperties(io, line.text('command-config'))
    return executing(io, 'Error while executing client metrics command : ', 'org.apache.kafka.tools.ClientMetricsCommand', () =>
      withAdmin(io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, (admin) => {
        if (line.has('alter')) return alter(line, admin)
        if (line.has('describe')) return describe(line, admin)
        return line.has('delete') ? remove(line, admin) : list(line, admin)
      }),
    )
  }, messageAndTrace(io))

/** @throws JavaException */
function validate(line: CommandLine): void {
  line.helpOrVersion(about)
  if (line.count('alter', 'delete', 'describe', 'list') !== 1)
    line.usage('Command must include exactly one action: --alter, --delete, --describe or --list.')
  if (!line.has('bootstrap-server')) throw illegalArgument('--bootstrap-server must be specified.')
  const settings = ['generate-name', 'interval', 'match', 'metrics']
  line.checkInvalid('delete', ...settings)
  line.checkInvalid('describe', ...settings)
  line.checkInvalid('list', 'name', ...settings)
  if (line.has('alter')) {
    if (line.count('name', 'generate-name') !== 1) throw illegalArgument('One of --name or --generate-name must be specified with --alter.')
    const interval = line.text('interval') ?? ''
    if (interval !== '' && !(/^[+-]?\d+$/.test(interval) && Math.abs(Number(interval)) < 2 ** 31))
      throw illegalArgument('Invalid interval value. Enter an integer, or leave empty to reset.')
  }
  if (line.has('delete') && !line.has('name')) throw illegalArgument('A client metrics resource name must be specified with --delete.')
}

async function alter(line: CommandLine, admin: Admin): Promise<void> {
  const name = line.has('generate-name') ? randomUuid((await line.io.host()).random) : line.required('name')
  const keys = [
    ['interval.ms', 'interval'],
    ['metrics', 'metrics'],
    ['match', 'match'],
  ] as const
  const operations = keys
    .filter(([, option]) => line.has(option))
    .map(([key, option]) => {
      const value = line.all(option).join(',')
      return value === '' ? { operation: 'delete' as const, name: key } : { operation: 'set' as const, name: key, value }
    })
  await change(admin, name, operations)
  line.io.out(`Altered client metrics config for ${name}.\n`)
}

type Operations = Parameters<Admin['incrementalAlterConfigs']>[0][number]['operations']

async function change(admin: Admin, name: string, operations: Operations): Promise<void> {
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs([{ ...resourceOf(type, name), operations }]))
}

async function remove(line: CommandLine, admin: Admin): Promise<void> {
  const name = line.required('name')
  const entries = await resourceConfig(admin, type, name, true, false)
  await change(
    admin,
    name,
    entries.map((entry) => ({ operation: 'delete' as const, name: entry.name })),
  )
  line.io.out(`Deleted client metrics config for ${name}.\n`)
}

const names = async (admin: Admin): Promise<string[]> =>
  (await answered('listConfigResources', admin.listConfigResources(['clientMetrics']))).map(({ name }) => name)

async function describe(line: CommandLine, admin: Admin): Promise<void> {
  const name = line.text('name')
  const there = await names(admin)
  if (name !== undefined && !there.includes(name))
    return void line.io.out(`The client metric resource ${name} doesn't exist and doesn't have dynamic config.\n`)
  for (const each of name === undefined ? there : [name]) {
    line.io.out(`Client metrics configs for ${each} are:\n`)
    for (const entry of await resourceConfig(admin, type, each, true, false)) line.io.out(`  ${entry.name}=${entry.value}\n`)
  }
}

async function list(line: CommandLine, admin: Admin): Promise<void> {
  line.io.out(`${(await names(admin)).join('\n')}\n`)
}
