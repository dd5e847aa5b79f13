import { type Message, message } from '../schema.ts'

export const ConsumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  kind: 'data',
  versions: '0-3',
  flexible: 'none',
  fields: {
    assignedPartitions: {
      type: [
        {
          topic: { type: 'string', versions: '0+', key: true },
          partitions: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
    },
    userData: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
  },
})
export type ConsumerProtocolAssignment = Message<typeof ConsumerProtocolAssignment>

export const ConsumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  kind: 'data',
  versions: '0-3',
  flexible: 'none',
  fields: {
    topics: { type: ['string'], versions: '0+' },
    userData: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
    ownedPartitions: {
      type: [
        {
          topic: { type: 'string', versions: '1+', key: true },
          partitions: { type: ['int32'], versions: '1+' },
        },
      ],
      versions: '1+',
      ignorable: true,
    },
    generationId: { type: 'int32', versions: '2+', default: -1, ignorable: true },
    rackId: { type: 'string', versions: '3+', nullable: '3+', default: null, ignorable: true },
  },
})
export type ConsumerProtocolSubscription = Message<typeof ConsumerProtocolSubscription>
