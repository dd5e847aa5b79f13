import type { Lease } from '../base/index.ts'
import type { ServerConnection } from '../net/index.ts'
import type { Dispatcher } from './dispatch.ts'

type Accepting = Pick<Dispatcher, 'accept'>

/** Frames that arrive before the node is ready wait for it, one a connection. */
export class FrameGate {
  private dispatcher: Accepting | undefined
  private waiting: [ServerConnection, Buffer, Lease | undefined][] = []
  onClose: ((connection: ServerConnection) => void) | undefined

  accept(connection: ServerConnection, frame: Buffer, lease: Lease | undefined): void {
    if (this.dispatcher === undefined) this.waiting.push([connection, frame, lease])
    else this.dispatcher.accept(connection, frame, lease)
  }

  closed(connection: ServerConnection): void {
    this.onClose?.(connection)
  }

  open(dispatcher: Accepting): void {
    this.dispatcher = dispatcher
    const { waiting } = this
    this.waiting = []
    for (const [connection, frame, lease] of waiting) if (connection.open) dispatcher.accept(connection, frame, lease)
  }
}
