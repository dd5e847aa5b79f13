import { type Message, message } from '../schema.ts'

export const DeleteGroupsRequest = message({
  name: 'DeleteGroupsRequest',
  kind: 'request',
  apiKey: 42,
  versions: '0-2',
  flexible: '2+',
  fields: {
    groupsNames: { type: ['string'], versions: '0+' },
  },
})
export type DeleteGroupsRequest = Message<typeof DeleteGroupsRequest>

export const DeleteGroupsResponse = message({
  name: 'DeleteGroupsResponse',
  kind: 'response',
  apiKey: 42,
  versions: '0-2',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          groupId: { type: 'string', versions: '0+', key: true },
          errorCode: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteGroupsResponse = Message<typeof DeleteGroupsResponse>
