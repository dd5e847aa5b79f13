import { type Invariant, violated } from './observed.ts'

interface Known {
  readonly epoch: number
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
}

/** I10: a broker is unfenced, and let go, because the process that is registered asks for it, not a former one of its id (KIP-631). */
export const onlyItsLifeSpeaks = (): Invariant => {
  const known = new Map<number, Known>()
  const invariant: Invariant = {
    name: 'I10 only its own life speaks for a broker',
    metadataChanged(observed) {
      const { image } = observed
      for (const { id, epoch, fenced, inControlledShutdown, incarnationId } of image.brokers.values()) {
        const before = known.get(id)
        if (before?.epoch === epoch && before.fenced === fenced && before.inControlledShutdown === inControlledShutdown) continue
        known.set(id, { epoch, fenced, inControlledShutdown })
        if (before?.epoch !== epoch) continue
        const life = observed.brokerLife(id)
        // Of a process that is gone its last words may come late.
        if (life === undefined || life.incarnationId !== incarnationId) continue
        if (before.fenced && !fenced && !life.readyToUnfence)
          violated(invariant, `broker ${id} is unfenced in epoch ${epoch} and has not asked for it`)
        if (!before.inControlledShutdown && inControlledShutdown && !life.wantsShutdown)
          violated(invariant, `broker ${id} is let go in epoch ${epoch} and has not asked for it`)
      }
    },
  }
  return invariant
}
