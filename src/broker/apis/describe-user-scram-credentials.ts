import { describeUserScramCredentials as describe } from '../../controller/index.ts'
import { Apis } from '../../protocol/index.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../../protocol/messages/describe-user-scram-credentials.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** DescribeUserScramCredentials (KIP-554): mechanisms and iterations of users, never their keys. */
export const describeUserScramCredentials = nodeApiHandler({
  api: Apis.DescribeUserScramCredentials,
  request: DescribeUserScramCredentialsRequest,
  response: DescribeUserScramCredentialsResponse,
  handle: (request, _context, { image }) => describe(image, request),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
