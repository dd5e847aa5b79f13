import { type Message, message } from '../schema.ts'

export const DefaultPrincipalData = message({
  name: 'DefaultPrincipalData',
  kind: 'data',
  versions: '0',
  flexible: '0+',
  fields: {
    type: { type: 'string', versions: '0+' },
    name: { type: 'string', versions: '0+' },
    tokenAuthenticated: { type: 'bool', versions: '0+' },
  },
})
export type DefaultPrincipalData = Message<typeof DefaultPrincipalData>
