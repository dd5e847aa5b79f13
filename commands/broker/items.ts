import { type BrokerReport, type ItemTable, itemKind, listOf, orNull, words } from '../../src/cli/index.ts'
import { progress, reassignmentPlan } from '../reassign/items.ts'
import type { ApiRow } from './api-versions.ts'
import type { Decommission } from './decommission.ts'
import type { Recommission } from './recommission.ts'

const brokerStatus = itemKind<BrokerReport>('BrokerStatus', {
  running: 'boolean',
  pid: 'integer',
  dataDirectory: 'string',
  state: 'string?',
  version: 'string?',
  nodeId: 'integer?',
  clusterId: 'string?',
  roles: orNull(listOf('string')),
  uptimeMs: 'number?',
  listeners: orNull(listOf({ name: 'string', host: 'string', port: 'integer', isController: 'boolean' })),
  status: 'string?',
  quorum: orNull({ leaderId: 'integer?', epoch: 'integer?', voters: orNull(listOf('integer')), problem: 'string?' }),
  directories: orNull(
    listOf({
      path: 'string',
      problem: 'string?',
      partitions: 'integer?',
      bytes: 'integer?',
      freeBytes: 'integer?',
      totalBytes: 'integer?',
    }),
  ),
  partitions: orNull({ count: 'integer', leaders: 'integer', underReplicated: 'integer', underMinIsr: 'integer?', offline: 'integer' }),
  connections: 'integer?',
  requestsPerSecond: 'number?',
  cpuPercent: 'number?',
  memoryBytes: 'integer?',
})

const apiVersions = itemKind<ApiRow>('ApiVersions', {
  broker: 'integer',
  api: 'string',
  key: 'integer',
  lowest: 'integer',
  highest: 'integer',
})

const brokerDecommission = itemKind<Decommission>('BrokerDecommission', {
  broker: 'integer',
  state: words('up', 'fenced', 'gone'),
  replicas: 'integer',
  leaders: 'integer',
  bytes: 'integer',
  votes: 'boolean?',
  status: words('WOULD-DRAIN', 'DRAINING', 'DRAINED', 'UNREGISTERED'),
})

const brokerRecommission = itemKind<Recommission>('BrokerRecommission', {
  broker: 'integer',
  directories: orNull(listOf('string')),
  status: words('WOULD-STAY', 'STAYS'),
})

const brokerUnregistration = itemKind<{ broker: number; status: string }>('BrokerUnregistration', { broker: 'integer', status: 'string' })

export const items: ItemTable = {
  'broker api-versions': [apiVersions],
  'broker decommission': [brokerDecommission, reassignmentPlan, progress],
  'broker recommission': [brokerRecommission],
  'broker status': [brokerStatus],
  'broker unregister': [brokerUnregistration],
}
