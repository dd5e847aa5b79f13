import { type Message, message } from '../schema.ts'

export const AlterUserScramCredentialsRequest = message({
  name: 'AlterUserScramCredentialsRequest',
  kind: 'request',
  apiKey: 51,
  versions: '0',
  flexible: '0+',
  fields: {
    deletions: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          mechanism: { type: 'int8', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    upsertions: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          mechanism: { type: 'int8', versions: '0+' },
          iterations: { type: 'int32', versions: '0+' },
          salt: { type: 'bytes', versions: '0+' },
          saltedPassword: { type: 'bytes', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type AlterUserScramCredentialsRequest = Message<typeof AlterUserScramCredentialsRequest>

export const AlterUserScramCredentialsResponse = message({
  name: 'AlterUserScramCredentialsResponse',
  kind: 'response',
  apiKey: 51,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          user: { type: 'string', versions: '0+' },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type AlterUserScramCredentialsResponse = Message<typeof AlterUserScramCredentialsResponse>
