import { type DevReport, type ItemTable, itemKind, words } from '../../src/cli/index.ts'

const devCluster = itemKind<DevReport>('DevCluster', {
  node: 'integer',
  state: words('serving', 'starting', 'stopped'),
  pid: 'integer?',
  address: 'string',
  directory: 'string',
  log: 'string',
})

export const items: ItemTable = { 'dev status': [devCluster], 'dev up': [devCluster] }
