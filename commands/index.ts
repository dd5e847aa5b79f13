import type { CommandTable } from '../src/cli/index.ts'

/** Every command by its words, loaded when asked for. */
export const commands: CommandTable = {
  'debug decode': () => import('./debug/decode.ts'),
  'debug encode': () => import('./debug/encode.ts'),
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
