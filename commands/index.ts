import type { CommandTable } from '../src/cli/index.ts'

/** Every command by its words, loaded when asked for. */
export const commands: CommandTable = {
  'broker api-versions': () => import('./broker/api-versions.ts'),
  'broker start': () => import('./broker/start.ts'),
  'broker status': () => import('./broker/status.ts'),
  'broker stop': () => import('./broker/stop.ts'),
  'cluster describe': () => import('./cluster/describe.ts'),
  'cluster id': () => import('./cluster/id.ts'),
  'configs alter': () => import('./configs/alter.ts'),
  'configs describe': () => import('./configs/describe.ts'),
  consume: () => import('./consume.ts'),
  'debug decode': () => import('./debug/decode.ts'),
  'debug encode': () => import('./debug/encode.ts'),
  'groups delete': () => import('./groups/delete.ts'),
  'groups delete-offsets': () => import('./groups/delete-offsets.ts'),
  'groups describe': () => import('./groups/describe.ts'),
  'groups list': () => import('./groups/list.ts'),
  'groups reset': () => import('./groups/reset.ts'),
  produce: () => import('./produce.ts'),
  'storage dump-log': () => import('./storage/dump-log.ts'),
  'storage format': () => import('./storage/format.ts'),
  'storage info': () => import('./storage/info.ts'),
  'storage random-uuid': () => import('./storage/random-uuid.ts'),
  'topics alter': () => import('./topics/alter.ts'),
  'topics create': () => import('./topics/create.ts'),
  'topics delete': () => import('./topics/delete.ts'),
  'topics describe': () => import('./topics/describe.ts'),
  'topics list': () => import('./topics/list.ts'),
  'topics offsets': () => import('./topics/offsets.ts'),
  'topics trim': () => import('./topics/trim.ts'),
}

/** What is below each first word. */
export const topics: Readonly<Record<string, string>> = {
  broker: 'the broker daemon',
  cluster: 'the cluster as a whole',
  configs: 'configuration of topics, brokers, clients, groups',
  debug: 'captured traffic and what else helps to look inside',
  groups: 'consumer groups and their offsets',
  storage: 'data directories, without a running broker',
  topics: 'topics, their partitions and offsets',
}
