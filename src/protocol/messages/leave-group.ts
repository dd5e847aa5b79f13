import { type Message, message } from '../schema.ts'

export const LeaveGroupRequest = message({
  name: 'LeaveGroupRequest',
  kind: 'request',
  apiKey: 13,
  versions: '0-5',
  flexible: '4+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    memberId: { type: 'string', versions: '0-2' },
    members: {
      type: [
        {
          memberId: { type: 'string', versions: '3+' },
          groupInstanceId: { type: 'string', versions: '3+', nullable: '3+', default: null },
          reason: { type: 'string', versions: '5+', nullable: '5+', default: null, ignorable: true },
        },
      ],
      versions: '3+',
    },
  },
})
export type LeaveGroupRequest = Message<typeof LeaveGroupRequest>

export const LeaveGroupResponse = message({
  name: 'LeaveGroupResponse',
  kind: 'response',
  apiKey: 13,
  versions: '0-5',
  flexible: '4+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
    members: {
      type: [
        {
          memberId: { type: 'string', versions: '3+' },
          groupInstanceId: { type: 'string', versions: '3+', nullable: '3+' },
          errorCode: { type: 'int16', versions: '3+' },
        },
      ],
      versions: '3+',
    },
  },
})
export type LeaveGroupResponse = Message<typeof LeaveGroupResponse>
