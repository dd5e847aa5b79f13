import type { BrokerConfig, BrokerKey } from '../config/index.ts'
import type { Clock } from '../host/index.ts'
import { ReplicationQuota, ReplicationThrottle } from '../replica/index.ts'

/** How fast replicas may be fed, fed from, and moved between log directories (QuotaFactory, as far as it is about replication). */
export class ReplicationThrottles {
  readonly leader: ReplicationThrottle
  readonly follower: ReplicationThrottle
  readonly alterLogDirs: ReplicationQuota

  /** `config` gives the settings of the moment. */
  constructor(nodeId: number, clock: Clock, config: () => BrokerConfig) {
    const quota = (
      rate: BrokerKey & `${string}.${'rate' | 'second'}`,
      windows: 'replication.quota' | 'alter.log.dirs.replication.quota',
    ): ReplicationQuota =>
      new ReplicationQuota({
        monotonic: () => clock.monotonic(),
        window: { count: config().get(`${windows}.window.num`), sizeMs: config().get(`${windows}.window.size.seconds`) * 1000 },
        limit: () => config().get(rate) as number,
      })
    this.leader = new ReplicationThrottle(nodeId, 'leader', quota('leader.replication.throttled.rate', 'replication.quota'))
    this.follower = new ReplicationThrottle(nodeId, 'follower', quota('follower.replication.throttled.rate', 'replication.quota'))
    this.alterLogDirs = quota('replica.alter.log.dirs.io.max.bytes.per.second', 'alter.log.dirs.replication.quota')
  }
}
