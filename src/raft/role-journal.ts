import type { Journal, JournalFields } from '../host/index.ts'
import type { RaftCore } from './core/raft-core.ts'

interface KnownLeader {
  readonly id: number
  readonly epoch: number
}

/** Tells operators, once for each change, who leads the quorum and that the leader is lost. */
export class RoleJournal {
  readonly #journal: Journal
  readonly #core: RaftCore
  /** The leader of whom was told last; undefined: none, or it was lost since. */
  #leader: KnownLeader | undefined
  /** The one that was lost last, until anything is heard of a leader again. */
  #lost: KnownLeader | undefined
  #heardAt = 0
  #handsOver = false

  constructor(journal: Journal, core: RaftCore) {
    this.#journal = journal
    this.#core = core
  }

  /** The leader answered. */
  heard(now: number): void {
    this.#heardAt = now
    this.#lost = undefined
  }

  /** This node was asked to give up the lead. */
  handsOver(): void {
    this.#handsOver = true
  }

  /** Whatever has changed since. */
  tell(now: number): void {
    const { role, leader } = this.#core
    if ((role === 'follower' || role === 'leader') && leader.leaderId !== undefined) this.#tellLeader(leader.leaderId, leader.epoch, now)
    else if (this.#leader !== undefined) this.#tellLoss(this.#leader, now)
  }

  #tellLeader(id: number, epoch: number, now: number): void {
    // One that is lost is followed again and again between the elections that come to nothing.
    if (isSame(this.#leader, id, epoch) || isSame(this.#lost, id, epoch)) return
    const { self, voters } = this.#core
    this.#leader = { id, epoch }
    this.heard(now)
    this.#handsOver = false
    if (id === self.id) return this.#journal.info('this node leads the metadata quorum', { epoch, voters: voters.ids })
    const [endpoint] = this.#core.endpointsOf(id) ?? []
    this.#journal.info(`node ${id} leads the metadata quorum`, { epoch, ...(endpoint && { address: `${endpoint.host}:${endpoint.port}` }) })
  }

  #tellLoss({ id, epoch }: KnownLeader, now: number): void {
    const { self, role, voters, log, highWatermark } = this.#core
    this.#leader = undefined
    this.#lost = { id, epoch }
    const known: JournalFields = { leader: id, epoch, voters: voters.ids, logEndOffset: log.endOffset, highWatermark }
    if (id === self.id) return this.#tellOwnEnd(known)
    const lost = { ...known, unheardMs: Math.round(now - this.#heardAt) }
    if (role === 'prospective' || role === 'candidate') {
      this.#journal.warn(`node ${id}, which led the metadata quorum, is lost: this node asks for an election`, lost)
    } else this.#journal.info(`node ${id} leads the metadata quorum no more: another voter stands for election`, lost)
  }

  #tellOwnEnd(known: JournalFields): void {
    if (this.#core.role !== 'resigned') this.#journal.warn('this node leads the metadata quorum no more: a later epoch has begun', known)
    else if (this.#handsOver) this.#journal.info('this node hands over the lead of the metadata quorum', known)
    else this.#journal.warn('this node gives up the lead of the metadata quorum: most voters keep silent, or it votes no more', known)
  }
}

const isSame = (known: KnownLeader | undefined, id: number, epoch: number): boolean => known?.id === id && known.epoch === epoch
