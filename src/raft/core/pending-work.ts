import type { OutgoingReply, OutgoingRequest } from './messages.ts'
import type { Election, Ready, StorageStep } from './ready.ts'

/** What the core wants done and nobody has taken yet. */
export class PendingWork {
  #persisted: Election | undefined
  #storage: StorageStep[] = []
  #requests: OutgoingRequest[] = []
  #replies: OutgoingReply[] = []
  wantedSnapshot: Ready['wantedSnapshot']

  /** `persisted`: the election as it stands on disk; undefined: there is none. */
  constructor(persisted: Election | undefined) {
    this.#persisted = persisted
  }

  store(step: StorageStep): void {
    this.#storage.push(step)
  }
  send(request: OutgoingRequest): void {
    this.#requests.push(request)
  }
  reply(reply: OutgoingReply): void {
    this.#replies.push(reply)
  }

  isEmpty(election: Election): boolean {
    if (this.#storage.length + this.#requests.length + this.#replies.length > 0) return false
    return this.wantedSnapshot === undefined && !this.#hasChanged(election)
  }

  /** Undefined: nothing is to be done. */
  take(election: Election): Ready | undefined {
    if (this.isEmpty(election)) return undefined
    const ready: Ready = {
      election: this.#hasChanged(election) ? (this.#persisted = election) : undefined,
      storage: this.#storage,
      requests: this.#requests,
      replies: this.#replies,
      wantedSnapshot: this.wantedSnapshot,
    }
    this.#storage = []
    this.#requests = []
    this.#replies = []
    this.wantedSnapshot = undefined
    return ready
  }

  #hasChanged({ epoch, leaderId, votedKey }: Election): boolean {
    const last = this.#persisted
    if (last === undefined || last.epoch !== epoch || last.leaderId !== leaderId) return true
    return last.votedKey?.id !== votedKey?.id || last.votedKey?.directoryId !== votedKey?.directoryId
  }
}
