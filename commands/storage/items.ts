import { type ItemTable, itemKind, lineKind, optional, orNull, type ShellEntry, shaped, words } from '../../src/cli/index.ts'
import type { FormattedOrNot } from './format.ts'
import type { StorageDirectory } from './info.ts'

/** What lies in a file: fields by its kind, those of a record by the record's type. */
const entry = lineKind<unknown>(
  'DumpEntry',
  shaped({
    type: 'object',
    properties: { file: { type: 'string' }, kind: { enum: ['batch', 'record', 'entry', 'fault'] } },
    required: ['file', 'kind'],
    additionalProperties: true,
  }),
)

const formatted = itemKind<FormattedOrNot>('FormattedDirectories', {
  path: 'string',
  kind: words('data', 'metadata', 'dynamic metadata', 'dynamic metadata voter'),
  directoryId: 'string?',
})

const storageInfo = itemKind<StorageDirectory>('StorageInfo', {
  path: 'string',
  state: words('missing', 'not a directory', 'not formatted', 'formatted', 'failed'),
  properties: orNull({ version: 'integer', clusterId: 'string?', nodeId: 'integer?', directoryId: 'string?' }),
  bootstrap: orNull({ records: shaped({ type: 'array' }), problem: 'string?' }),
})

const uuid = itemKind<{ uuid: string }>('RandomUuid', { uuid: 'string' })

const entries = itemKind<ShellEntry>('MetadataEntries', {
  path: 'string',
  kind: words('folder', 'file', 'link'),
  content: optional(shaped<unknown>({})),
})

export const items: ItemTable = {
  'storage dump-log': [entry],
  'storage format': [formatted],
  'storage info': [storageInfo],
  'storage random-uuid': [uuid],
  'storage shell': [entries],
}
