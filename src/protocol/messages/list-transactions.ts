import { type Message, message } from '../schema.ts'

export const ListTransactionsRequest = message({
  name: 'ListTransactionsRequest',
  kind: 'request',
  apiKey: 66,
  versions: '0-2',
  flexible: '0+',
  fields: {
    stateFilters: { type: ['string'], versions: '0+' },
    producerIdFilters: { type: ['int64'], versions: '0+' },
    durationFilter: { type: 'int64', versions: '1+', default: -1 },
    transactionalIdPattern: { type: 'string', versions: '2+', nullable: '2+', default: null },
  },
})
export type ListTransactionsRequest = Message<typeof ListTransactionsRequest>

export const ListTransactionsResponse = message({
  name: 'ListTransactionsResponse',
  kind: 'response',
  apiKey: 66,
  versions: '0-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    unknownStateFilters: { type: ['string'], versions: '0+' },
    transactionStates: {
      type: [
        {
          transactionalId: { type: 'string', versions: '0+' },
          producerId: { type: 'int64', versions: '0+' },
          transactionState: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type ListTransactionsResponse = Message<typeof ListTransactionsResponse>
