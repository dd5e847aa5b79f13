import { type Message, message } from '../schema.ts'

export const DescribeGroupsRequest = message({
  name: 'DescribeGroupsRequest',
  kind: 'request',
  apiKey: 15,
  versions: '0-6',
  flexible: '5+',
  fields: {
    groups: { type: ['string'], versions: '0+' },
    includeAuthorizedOperations: { type: 'bool', versions: '3+' },
  },
})
export type DescribeGroupsRequest = Message<typeof DescribeGroupsRequest>

export const DescribeGroupsResponse = message({
  name: 'DescribeGroupsResponse',
  kind: 'response',
  apiKey: 15,
  versions: '0-6',
  flexible: '5+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    groups: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '6+', nullable: '6+', default: null },
          groupId: { type: 'string', versions: '0+' },
          groupState: { type: 'string', versions: '0+' },
          protocolType: { type: 'string', versions: '0+' },
          protocolData: { type: 'string', versions: '0+' },
          members: {
            type: [
              {
                memberId: { type: 'string', versions: '0+' },
                groupInstanceId: { type: 'string', versions: '4+', nullable: '4+', default: null, ignorable: true },
                clientId: { type: 'string', versions: '0+' },
                clientHost: { type: 'string', versions: '0+' },
                memberMetadata: { type: 'bytes', versions: '0+' },
                memberAssignment: { type: 'bytes', versions: '0+' },
              },
            ],
            versions: '0+',
          },
          authorizedOperations: { type: 'int32', versions: '3+', default: -2147483648 },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeGroupsResponse = Message<typeof DescribeGroupsResponse>
