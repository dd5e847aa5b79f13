import { type Message, message } from '../schema.ts'

export const ListGroupsRequest = message({
  name: 'ListGroupsRequest',
  kind: 'request',
  apiKey: 16,
  versions: '0-5',
  flexible: '3+',
  fields: {
    statesFilter: { type: ['string'], versions: '4+' },
    typesFilter: { type: ['string'], versions: '5+' },
  },
})
export type ListGroupsRequest = Message<typeof ListGroupsRequest>

export const ListGroupsResponse = message({
  name: 'ListGroupsResponse',
  kind: 'response',
  apiKey: 16,
  versions: '0-5',
  flexible: '3+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
    groups: {
      type: [
        {
          groupId: { type: 'string', versions: '0+' },
          protocolType: { type: 'string', versions: '0+' },
          groupState: { type: 'string', versions: '4+', ignorable: true },
          groupType: { type: 'string', versions: '5+', ignorable: true },
        },
      ],
      versions: '0+',
    },
  },
})
export type ListGroupsResponse = Message<typeof ListGroupsResponse>
