import { type Message, message } from '../schema.ts'

export const RequestHeader = message({
  name: 'RequestHeader',
  kind: 'header',
  versions: '1-2',
  flexible: '2+',
  fields: {
    requestApiKey: { type: 'int16', versions: '0+' },
    requestApiVersion: { type: 'int16', versions: '0+' },
    correlationId: { type: 'int32', versions: '0+' },
    clientId: { type: 'string', versions: '1+', nullable: '1+', flexible: 'none' },
  },
})
export type RequestHeader = Message<typeof RequestHeader>

export const ResponseHeader = message({
  name: 'ResponseHeader',
  kind: 'header',
  versions: '0-1',
  flexible: '1+',
  fields: {
    correlationId: { type: 'int32', versions: '0+' },
  },
})
export type ResponseHeader = Message<typeof ResponseHeader>
