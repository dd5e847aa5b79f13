import { Apis } from '../../protocol/index.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/messages/alter-user-scram-credentials.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AlterUserScramCredentials (KIP-554): stores salted passwords, never the passwords. */
export const alterUserScramCredentials = nodeApiHandler({
  api: Apis.AlterUserScramCredentials,
  request: AlterUserScramCredentialsRequest,
  response: AlterUserScramCredentialsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AlterUserScramCredentials', request, version),
  refuse: (errorCode, errorMessage, request) => {
    const users = new Set([...request.deletions, ...request.upsertions].map(({ name }) => name))
    return { results: [...users].map((user) => ({ user, errorCode, errorMessage })) }
  },
})
