import type { JoinAnswer, SyncAnswer, Ticket, Turn } from './turn.ts'

export interface Protocol {
  readonly name: string
  /** Opaque to the coordinator, but for the topics of consumers. */
  readonly metadata: Buffer
}

export const NO_ASSIGNMENT = Buffer.alloc(0)

export interface MemberFields {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly Protocol[]
  readonly assignment?: Buffer
}

export class ClassicMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly protocolType: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocols: readonly Protocol[]
  assignment: Buffer
  /** The JoinGroup, the SyncGroup that waits for an answer. */
  joinTicket: Ticket | undefined
  syncTicket: Ticket | undefined
  /** Not answered yet since it was added: it has no session that a waiting JoinGroup could stand for. */
  isNew = false

  constructor(fields: MemberFields) {
    this.memberId = fields.memberId
    this.groupInstanceId = fields.groupInstanceId
    this.clientId = fields.clientId
    this.clientHost = fields.clientHost
    this.rebalanceTimeoutMs = fields.rebalanceTimeoutMs
    this.sessionTimeoutMs = fields.sessionTimeoutMs
    this.protocolType = fields.protocolType
    this.protocols = fields.protocols
    this.assignment = fields.assignment ?? NO_ASSIGNMENT
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }
  get awaitsJoin(): boolean {
    return this.joinTicket !== undefined
  }
  /** A waiting request proves that the member is alive. */
  get isHeard(): boolean {
    return !this.isNew && (this.joinTicket !== undefined || this.syncTicket !== undefined)
  }

  /** Undefined when the member does not support the protocol. */
  metadata(protocolName: string | null): Buffer | undefined {
    return this.protocols.find((protocol) => protocol.name === protocolName)?.metadata
  }

  matches(protocols: readonly Protocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false
    return protocols.every((protocol, index) => {
      const mine = this.protocols[index]
      return mine.name === protocol.name && mine.metadata.equals(protocol.metadata)
    })
  }

  /** Its most preferred protocol among those that all members support. */
  vote(candidates: ReadonlySet<string>): string | undefined {
    return this.protocols.find((protocol) => candidates.has(protocol.name))?.name
  }

  answerJoin(turn: Turn, response: JoinAnswer): boolean {
    if (this.joinTicket === undefined) return false
    turn.deliver(this.joinTicket, response)
    this.joinTicket = undefined
    return true
  }

  answerSync(turn: Turn, response: SyncAnswer): boolean {
    if (this.syncTicket === undefined) return false
    turn.deliver(this.syncTicket, response)
    this.syncTicket = undefined
    return true
  }
}
