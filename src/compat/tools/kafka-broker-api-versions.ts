import { javaStringHash } from '../../base/index.ts'
import { Apis } from '../../protocol/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-broker-api-versions.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { hashOrder } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, messageAndTrace, type Tool } from '../tool.ts'

export const kafkaBrokerApiVersions: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion('This tool helps to retrieve broker version information.')
    line.checkRequired('bootstrap-server')
    const file = await loadProperties(io, line.text('command-config'))
    await withAdmin(io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
      const nodes = hashOrder((await answered('listNodes', admin.describeCluster())).nodes, nodeHash)
      const results = await answered('apiVersions', admin.describeApiVersions({ brokers: nodes.map(({ id }) => id) }))
      for (const [index, { id, host, port, rack }] of nodes.entries()) {
        const { error, value } = results[index]!
        const node = `${host}:${port} (id: ${id} rack: ${rack} isFenced: false)`
        if (error !== null) io.out(`${node} -> ERROR: ${resultException(error, 'apiVersions')}\n`)
        else {
          const offered = new Map(value.map((each) => [each.key, each]))
          io.out(`${node} -> (\n${clientApis.map((api) => `\t${apiText(api, offered.get(api.key)?.versions)}`).join(',\n')}\n)\n`)
        }
      }
    })
    return 0
  }, messageAndTrace(io))

/** Node.hashCode() of one that is not fenced. */
const nodeHash = ({ id, host, port, rack }: { id: number; host: string; port: number; rack: string | null }): number =>
  [id, port, rack === null ? 0 : javaStringHash(rack), FALSE_HASH].reduce(
    (hash, each) => (Math.imul(31, hash) + each) | 0,
    31 + javaStringHash(host),
  )
const FALSE_HASH = 1237

/** Those that brokers offer, in the order of their keys. */
const clientApis = Object.values(Apis)
  .filter(({ listeners }) => (listeners as readonly string[]).includes('broker'))
  .sort((a, b) => a.key - b.key)

function apiText(api: (typeof clientApis)[number], offered: { readonly lowest: number; readonly highest: number } | undefined): string {
  const name = `${api.name}(${api.key}): `
  if (offered === undefined) return `${name}UNSUPPORTED`
  const { lowest, highest } = offered
  const [least = 0, most = least] = api.versions.split('-').map(Number)
  const usable =
    highest < least ? 'unusable: node too old' : lowest > most ? 'unusable: node too new' : `usable: ${Math.min(highest, most)}`
  return `${name}${lowest === highest ? lowest : `${lowest} to ${highest}`} [${usable}]`
}
