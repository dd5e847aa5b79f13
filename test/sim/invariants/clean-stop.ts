import { CLEAN_SHUTDOWN_FILE } from '../../../src/log/file-names.ts'
import { type Invariant, violated } from './observed.ts'

/** S6: who stopped in order has everything when it comes back, though its machine lost power right after. */
export const cleanStopsKeepEverything = (): Invariant => {
  const ends = new Map<string, number>()
  const invariant: Invariant = {
    name: 'S6 clean stops keep everything',
    nodeEnded(nodeId, { isClean }, { replicas }) {
      for (const [key, views] of replicas) {
        const view = views.get(nodeId)
        if (isClean && view !== undefined) ends.set(`${key}/${nodeId}`, view.endOffset)
        else ends.delete(`${key}/${nodeId}`)
      }
    },
    partitionChanged(topic, index, _before, after) {
      // A replica that it is no more it may become again, from nothing.
      for (const place of ends.keys()) {
        const [key, nodeId] = place.split('/') as [string, string]
        if (key === `${topic.id}:${index}` && !after?.replicas.includes(Number(nodeId))) ends.delete(place)
      }
    },
    replicaChanged({ key, nodeId, name, life, endOffset }, before) {
      const end = before === undefined || before.life === life ? undefined : ends.get(`${key}/${nodeId}`)
      ends.delete(`${key}/${nodeId}`)
      if (end !== undefined && endOffset < end)
        violated(invariant, `node ${nodeId} stopped with ${name} up to ${end} and came back with ${endOffset}`)
    },
  }
  return invariant
}

/** S7: who serves has taken back for good that it had stopped in order (KAFKA-10471): the next start shall not believe it again. */
export const cleanStopsCountOnce = (): Invariant => {
  const epochs = new Map<number, number>()
  const invariant: Invariant = {
    name: 'S7 clean stops count once',
    metadataChanged(observed) {
      for (const { id, epoch, incarnationId } of observed.image.brokers.values()) {
        if (epochs.get(id) === epoch) continue
        epochs.set(id, epoch)
        const life = observed.brokerLife(id)
        // It may be gone already, or about to say so again.
        if (life === undefined || life.incarnationId !== incarnationId || life.wantsShutdown || !observed.isAlive(id)) continue
        if (observed.durable(id, `/data/${CLEAN_SHUTDOWN_FILE}`) !== undefined)
          violated(invariant, `node ${id} serves in broker epoch ${epoch}, and its directory says that it has stopped in order`)
      }
    },
  }
  return invariant
}
