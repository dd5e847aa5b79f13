import type { Lease } from '../base/index.ts'
import type { ServerConnection } from '../net/index.ts'
import type { Dispatcher } from './dispatch.ts'

type Accepting = Pick<Dispatcher, 'accept'>

/** Frames that arrive before the node is ready wait for it, one a connection. */
export class FrameGate {
  private dispatcher: Accepting | undefined
  private waiting = new Map<ServerConnection, [Buffer, Lease | undefined]>()
  onClose: ((connection: ServerConnection) => void) | undefined

  accept(connection: ServerConnection, frame: Buffer, lease: Lease | undefined): void {
    if (this.dispatcher === undefined) this.waiting.set(connection, [frame, lease])
    else this.dispatcher.accept(connection, frame, lease)
  }

  closed(connection: ServerConnection): void {
    this.waiting.get(connection)?.[1]?.release()
    this.waiting.delete(connection)
    this.onClose?.(connection)
  }

  open(dispatcher: Accepting): void {
    this.dispatcher = dispatcher
    const { waiting } = this
    this.waiting = new Map()
    for (const [connection, [frame, lease]] of waiting) if (connection.open) dispatcher.accept(connection, frame, lease)
  }
}
