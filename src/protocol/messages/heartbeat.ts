import { type Message, message } from '../schema.ts'

export const HeartbeatRequest = message({
  name: 'HeartbeatRequest',
  kind: 'request',
  apiKey: 12,
  versions: '0-4',
  flexible: '4+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    generationId: { type: 'int32', versions: '0+' },
    memberId: { type: 'string', versions: '0+' },
    groupInstanceId: { type: 'string', versions: '3+', nullable: '3+', default: null },
  },
})
export type HeartbeatRequest = Message<typeof HeartbeatRequest>

export const HeartbeatResponse = message({
  name: 'HeartbeatResponse',
  kind: 'response',
  apiKey: 12,
  versions: '0-4',
  flexible: '4+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
  },
})
export type HeartbeatResponse = Message<typeof HeartbeatResponse>
