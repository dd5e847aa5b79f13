import type { Lease } from '../base/index.ts'
import { Channel, type ChannelError, type ChannelGround, type ChannelOptions } from '../net/index.ts'
import { type Api, Errors, Reader, readResponseHeader } from '../protocol/index.ts'
import { ClientError, closedError, connectError } from './client-error.ts'

/** Requests on one connection that wait for their answer; callers keep far fewer. */
const inFlightMax = 1000
/** Largest answer accepted: fetch.max.bytes is no bound when one batch is larger. */
const frameBytesMax = 0x40000000

/** A channel to a broker in the client's terms: readers that stand on the answer's body, errors with Kafka's codes. */
export class Wire {
  readonly broker: string
  #channel: Channel
  closed: Error | undefined

  static async open(ground: ChannelGround, broker: string, options: ChannelOptions, onClose: (error: Error) => void): Promise<Wire> {
    let wire: Wire | undefined
    const ended = (error: ChannelError): void => {
      const failure = clientError(broker, error)
      if (wire !== undefined) wire.closed ??= failure
      onClose(failure)
    }
    try {
      const channel = await Channel.open(ground, { ...options, inFlightMax, frameBytesMax, onClose: ended })
      wire = new Wire(broker, channel)
      return wire
    } catch (cause) {
      throw connectError(broker, cause)
    }
  }

  private constructor(broker: string, channel: Channel) {
    this.broker = broker
    this.#channel = channel
  }

  get inFlight(): number {
    return this.#channel.inFlightCount
  }

  /** Bytes of requests not sent yet. */
  get queuedBytes(): number {
    return this.#channel.queuedBytes
  }

  /** Sends a whole frame; gives a reader that stands on the body of the answer, and before that the lease of its memory if it has one. */
  async exchange(
    api: Api,
    version: number,
    frame: readonly Buffer[],
    timeoutMs: number,
    onLease?: (lease: Lease) => void,
  ): Promise<Reader> {
    const answer = await this.#send(api, frame, timeoutMs, onLease)
    const reader = new Reader(answer)
    try {
      readResponseHeader(reader, api, version)
    } catch (cause) {
      throw new ClientError(Errors.NETWORK_EXCEPTION, `${this.broker} sent a malformed answer to ${api.name}`, {
        broker: this.broker,
        cause,
      })
    }
    return reader
  }

  /** Sends a frame that has no answer. */
  post(frame: readonly Buffer[]): void {
    try {
      this.#channel.post(frame)
    } catch (error) {
      throw this.closed ?? clientError(this.broker, error as ChannelError)
    }
  }

  /** Closes; requests without an answer fail with `error`, what needs none is still sent. */
  close(error: Error): void {
    this.closed ??= error
    if (this.#channel.inFlightCount === 0) this.#channel.close()
    else this.#channel.destroy()
  }

  async #send(api: Api, frame: readonly Buffer[], timeoutMs: number, onLease?: (lease: Lease) => void): Promise<Buffer> {
    try {
      return await this.#channel.send(frame, timeoutMs, onLease)
    } catch (error) {
      const failure = error as ChannelError
      if (failure.code !== 'timeout' && this.closed !== undefined) throw this.closed
      throw clientError(this.broker, failure, `did not answer ${api.name} within ${Math.round(timeoutMs)} ms`)
    }
  }
}

function clientError(broker: string, error: ChannelError, late = 'did not answer in time'): ClientError {
  const options = { broker, cause: error }
  switch (error.code) {
    case 'timeout':
      return new ClientError(Errors.REQUEST_TIMED_OUT, `${broker} ${late}`, {
        ...options,
        hint: 'The broker is overloaded, stuck or cut off; request.timeout.ms says how long to wait.',
      })
    case 'closed':
      return closedError(broker, error)
    case 'busy':
    case 'garbage':
      return new ClientError(Errors.NETWORK_EXCEPTION, error.message, { ...options, hint: garbageHint(error) })
  }
}

function garbageHint(error: ChannelError): string {
  if (error.code === 'busy') return ''
  if (error.message.includes('TLS')) return 'The listener wants TLS: set security.protocol to SSL or SASL_SSL.'
  return 'Check that bootstrap.servers names a Kafka listener.'
}
