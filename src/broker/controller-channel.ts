import { BrokerLink, ClientError, connectionSettings, resolveSettings } from '../client/index.ts'
import type { Clock, Host } from '../host/index.ts'
import type { ChannelGround } from '../net/index.ts'
import { Errors } from '../protocol/index.ts'
import type { LeaderEndpoint } from '../raft/index.ts'

const CONNECT_MS = 10_000

export interface ControllerChannelOptions {
  readonly host: Host
  readonly ground: ChannelGround
  /** What this node calls itself. */
  readonly clientId: string
  /** The longest that a request waits. */
  readonly limitMs: number
}

/** One connection to whoever leads the metadata quorum. What waits for one that leads no more is given up, to be asked of the next. */
export class ControllerChannel {
  readonly limitMs: number
  private readonly options: ControllerChannelOptions
  private readonly clock: Clock
  private readonly settings: ReturnType<typeof linkSettings>
  private readonly waiting = new Set<(error: ClientError) => void>()
  private link: BrokerLink | undefined

  constructor(options: ControllerChannelOptions) {
    this.options = options
    this.limitMs = options.limitMs
    this.clock = options.host.clock
    this.settings = linkSettings(options)
  }

  /** Carries out `work` with the leader, connecting included. Rejects with a ClientError after `timeoutMs`, and when another one leads. */
  with<T>(leader: LeaderEndpoint, timeoutMs: number, work: (link: BrokerLink) => Promise<T>): Promise<T> {
    const link = this.linkTo(leader)
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        this.waiting.delete(giveUp)
      }
      const giveUp = (error: ClientError): void => {
        end()
        reject(error)
      }
      const late = (): void => giveUp(new ClientError(Errors.REQUEST_TIMED_OUT, `${link.name} did not answer in time`))
      const timer = this.clock.after(timeoutMs, late)
      this.waiting.add(giveUp)
      work(link).finally(end).then(resolve, reject)
    })
  }

  /** Another one leads than the one that this channel goes to, or may do. */
  leaderIs(leader: LeaderEndpoint): void {
    if (this.link !== undefined && !leadsTo(this.link, leader)) this.leave(`${this.link.name} is the active controller no more`)
  }

  close(): void {
    this.leave('the node stops')
  }

  private leave(why: string): void {
    const error = new ClientError(Errors.NOT_CONTROLLER, why)
    for (const giveUp of this.waiting) giveUp(error)
    this.link?.close(error)
    this.link = undefined
  }

  private linkTo(leader: LeaderEndpoint): BrokerLink {
    this.leaderIs(leader)
    const { host, ground } = this.options
    this.link ??= new BrokerLink(
      { ...leader, rack: null },
      { host, ground, settings: this.settings, transport: undefined, authenticate: undefined, onDown: () => {} },
    )
    return this.link
  }
}

const leadsTo = ({ node }: BrokerLink, { id, host, port }: LeaderEndpoint): boolean =>
  node.id === id && node.host === host && node.port === port

const linkSettings = ({ clientId, limitMs }: ControllerChannelOptions) =>
  resolveSettings(connectionSettings, {
    'client.id': clientId,
    'request.timeout.ms': limitMs,
    'socket.connection.setup.timeout.ms': Math.min(CONNECT_MS, limitMs),
    'socket.connection.setup.timeout.max.ms': Math.min(CONNECT_MS, limitMs),
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 50,
  }).settings
