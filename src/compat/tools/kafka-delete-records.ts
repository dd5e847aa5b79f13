import type { RecordsBefore } from '../../client/index.ts'
import { loadProperties, readText, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-delete-records.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { adminCommandFailed, adminOperation } from '../java/exception.ts'
import { hashOrder, partitionHash } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, log, messageAndTrace, type Tool } from '../tool.ts'
import { arrayField, integerField, integerOf, objectOf, parseJson, textField } from './json-file.ts'
import { keyOf } from './topic-partitions.ts'

export const kafkaDeleteRecords: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion('This tool helps to delete records of the given partitions down to the specified offset.')
    line.checkRequired('bootstrap-server', 'offset-json-file')
    const file = await loadProperties(io, line.text('command-config'))
    const partitions = partitionsOf(await readText(io, line.required('offset-json-file')))
    await withAdmin(io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
      io.out('Executing records delete operation\n')
      const question = admin.deleteRecords(partitions)
      io.out('Records delete operation completed:\n')
      for (const { item, error, value } of await answered('deleteRecords', question)) {
        if (error === null) io.out(`partition: ${keyOf(item)}\tlow_watermark: ${value}\n`)
        else {
          const text = `[AdminClient clientId=adminclient-1] DeleteRecords request for topic partition ${keyOf(item)} failed due to an unexpected error ${error.name}`
          await log(io, 'ERROR', text, 'org.apache.kafka.clients.admin.internals.DeleteRecordsHandler')
          io.out(`partition: ${keyOf(item)}\terror: ${resultException(error, 'deleteRecords(api=METADATA)')}\n`)
        }
      }
    })
    return 0
  }, messageAndTrace(io))

/** @throws JavaException */
function partitionsOf(text: string): RecordsBefore[] {
  const parsed = parseJson(text)
  if (parsed === undefined) throw adminOperation('The input string is not a valid JSON')
  const json = objectOf(parsed)
  const version = Object.hasOwn(json, 'version') ? integerOf(json.version) : 1
  if (version !== 1) throw adminOperation(`Not supported version field value ${version}`)
  const partitions = arrayField(json, 'partitions')
  if (partitions === undefined) throw adminOperation('Missing partitions field')
  const wanted = new Map<string, RecordsBefore>()
  const duplicates = new Set<string>()
  for (const each of partitions.map(objectOf)) {
    const item = {
      topic: textField(each, 'topic'),
      partition: integerField(each, 'partition'),
      beforeOffset: integerField(each, 'offset', 'Long'),
    }
    if (wanted.has(keyOf(item))) duplicates.add(keyOf(item))
    else wanted.set(keyOf(item), item)
  }
  if (duplicates.size > 0) throw adminCommandFailed(`Offset json file contains duplicate topic partitions: ${[...duplicates].join(',')}`)
  return hashOrder([...wanted.values()], partitionHash)
}
