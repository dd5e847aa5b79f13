import type { AclBinding, Admin } from '../../client/index.ts'
import { loadProperties, withAdmin, withBootstrap } from '../admin-session.ts'
import { options } from '../declared/kafka-acls.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { JavaException, stackTrace } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, type Tool } from '../tool.ts'
import {
  type AclEntry,
  bindingText,
  entryText,
  filterOf,
  patternTypeOf,
  principalsOf,
  type ResourceRules,
  resourcesOf,
  resourceText,
  rulesOf,
} from './acl-rules.ts'
import { textLines } from './text-lines.ts'

export const kafkaAcls: Tool = (args, io) =>
  guarded(
    async () => {
      const line = CommandLine.parseOrUsage(options, args, io)
      validate(line)
      const file = await loadProperties(io, line.text('command-config'))
      const properties = withBootstrap(file, line.text('bootstrap-server'), line.text('bootstrap-controller'))
      await withAdmin(io, properties, (admin) => {
        if (line.has('add')) return add(line, admin)
        return line.has('remove') ? remove(line, admin) : list(line, admin)
      })
      return 0
    },
    (exception) => {
      io.out(`Error while executing ACL command: ${exception.text}\n${stackTrace(exception)}\n`)
      return 1
    },
  )

function validate(line: CommandLine): void {
  line.helpOrVersion('This tool helps to manage acls on kafka.')
  const servers = line.count('bootstrap-server', 'bootstrap-controller')
  if (servers === 2) line.usage('Only one of --bootstrap-server or --bootstrap-controller must be specified')
  if (servers === 0) line.usage('One of --bootstrap-server or --bootstrap-controller must be specified')
  if (line.count('add', 'remove', 'list') !== 1) line.usage('Command must include exactly one action: --list, --add, --remove. ')
  line.checkInvalid('list', 'producer', 'consumer', 'allow-host', 'allow-principal', 'deny-host', 'deny-principal')
  line.checkInvalid('producer', 'operation', 'deny-principal', 'deny-host')
  line.checkInvalid('consumer', 'operation', 'deny-principal', 'deny-host')
  if (line.has('principal') && !line.has('list')) line.usage('The --principal option is only available if --list is set')
  if (line.has('producer') && !line.has('topic')) line.usage('With --producer you must specify a --topic')
  if (line.has('idempotent') && !line.has('producer')) line.usage('The --idempotent option is only available if --producer is set')
  const besides = !line.has('producer') && line.count('cluster', 'transactional-id') > 0
  if (line.has('consumer') && (line.count('topic', 'group') < 2 || besides))
    line.usage(
      'With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option should be specified.',
    )
}

async function add(line: CommandLine, admin: Admin): Promise<void> {
  const patternType = patternTypeOf(line)
  if (patternType === 'ANY' || patternType === 'MATCH')
    line.usage(`A '--resource-pattern-type' value of '${patternType}' is not valid when adding acls.`)
  const rules = rulesOf(line)
  if (rules.some(({ entries }) => entries.length === 0))
    line.usage('You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.')
  for (const { resource, entries } of rules) {
    const existing = new Set((await answered('describeAcls', admin.describeAcls(resource))).map(bindingText))
    const bindings = entries.map((entry): AclBinding => ({ ...resource, ...entry }))
    for (const each of bindings) if (existing.has(bindingText(each))) line.io.out(`Acl ${bindingText(each)} already exists.\n`)
    const missing = bindings.filter((each) => !existing.has(bindingText(each)))
    if (missing.length === 0) continue
    line.io.out(`Adding ACLs for resource \`${resourceText(resource)}\`: \n ${entryLines(missing)}\n`)
    await allAnswered('createAcls', admin.createAcls(missing))
  }
}

const entryLines = (entries: readonly AclEntry[]): string => entries.map((each) => `\t${entryText(each)}\n`).join('')

async function remove(line: CommandLine, admin: Admin): Promise<void> {
  for (const rules of rulesOf(line)) {
    if (!(await isConfirmed(line, rules))) continue
    const { resource, entries } = rules
    const filters = entries.length === 0 ? [filterOf({ resource })] : entries.map((entry) => filterOf({ resource, entry }))
    const removals = await allAnswered('deleteAcls', admin.deleteAcls(filters))
    const failed = removals.flat().find(({ error }) => error !== null)
    if (failed !== undefined) await allAnswered('deleteAcls', Promise.resolve([{ item: null, error: failed.error, value: null }]))
  }
}

/** @throws JavaException when nobody can be asked */
async function isConfirmed(line: CommandLine, { resource, entries }: ResourceRules): Promise<boolean> {
  if (line.has('force')) return true
  const text = resourceText(resource)
  line.io.out(
    entries.length === 0
      ? `Are you sure you want to delete all ACLs for resource filter \`${text}\`? (y/n)\n`
      : `Are you sure you want to remove ACLs: \n ${entryLines(entries)} from resource filter \`${text}\`? (y/n)\n`,
  )
  if (!line.io.hasConsole) {
    const reason = 'Cannot invoke "java.io.Console.readLine()" because the return value of "java.lang.System.console()" is null'
    throw new JavaException('java.lang.NullPointerException', reason)
  }
  for await (const answer of textLines(line.io.stdin, line.io.stopSignal())) return answer.toLowerCase() === 'y'
  throw new JavaException('java.lang.NullPointerException', 'no answer')
}

async function list(line: CommandLine, admin: Admin): Promise<void> {
  const filters = resourcesOf(line, false)
  const principals = principalsOf(line, 'principal')
  const found: AclBinding[] = []
  for (const filter of filters.length === 0 ? [{}] : filters) found.push(...(await answered('describeAcls', admin.describeAcls(filter))))
  const unique = [...new Map(found.map((each) => [bindingText(each), each])).values()]
  if (principals.length === 0) return print(line, unique)
  for (const principal of principals) {
    line.io.out(`ACLs for principal \`${principal}\`\n`)
    print(
      line,
      unique.filter((each) => each.principal === principal),
    )
  }
}

function print(line: CommandLine, bindings: readonly AclBinding[]): void {
  const byResource = Map.groupBy(bindings, resourceText)
  for (const [text, entries] of byResource) line.io.out(`Current ACLs for resource \`${text}\`:\n${entryLines(entries)}\n`)
}
