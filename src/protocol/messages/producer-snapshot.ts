import { type Message, message } from '../schema.ts'

export const ProducerSnapshot = message({
  name: 'ProducerSnapshot',
  kind: 'data',
  versions: '1',
  flexible: 'none',
  fields: {
    crc: { type: 'uint32', versions: '1' },
    producerEntries: {
      type: [
        {
          producerId: { type: 'int64', versions: '1' },
          epoch: { type: 'int16', versions: '1' },
          lastSequence: { type: 'int32', versions: '1' },
          lastOffset: { type: 'int64', versions: '1' },
          offsetDelta: { type: 'int32', versions: '1' },
          timestamp: { type: 'int64', versions: '1', wide: true },
          coordinatorEpoch: { type: 'int32', versions: '1' },
          currentTxnFirstOffset: { type: 'int64', versions: '1' },
        },
      ],
      versions: '1',
    },
  },
})
export type ProducerSnapshot = Message<typeof ProducerSnapshot>
