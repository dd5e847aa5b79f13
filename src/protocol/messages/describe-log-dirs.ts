import { type Message, message } from '../schema.ts'

export const DescribeLogDirsRequest = message({
  name: 'DescribeLogDirsRequest',
  kind: 'request',
  apiKey: 35,
  versions: '1-5',
  flexible: '2+',
  fields: {
    topics: {
      type: [
        {
          topic: { type: 'string', versions: '0+', key: true },
          partitions: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
  },
})
export type DescribeLogDirsRequest = Message<typeof DescribeLogDirsRequest>

export const DescribeLogDirsResponse = message({
  name: 'DescribeLogDirsResponse',
  kind: 'response',
  apiKey: 35,
  versions: '1-5',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '3+', ignorable: true },
    results: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          logDir: { type: 'string', versions: '0+' },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '0+' },
                partitions: {
                  type: [
                    {
                      partitionIndex: { type: 'int32', versions: '0+' },
                      partitionSize: { type: 'int64', versions: '0+' },
                      offsetLag: { type: 'int64', versions: '0+' },
                      isFutureKey: { type: 'bool', versions: '0+' },
                    },
                  ],
                  versions: '0+',
                },
              },
            ],
            versions: '0+',
          },
          totalBytes: { type: 'int64', versions: '4+', default: -1, ignorable: true },
          usableBytes: { type: 'int64', versions: '4+', default: -1, ignorable: true },
          isCordoned: { type: 'bool', versions: '5+', ignorable: true },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeLogDirsResponse = Message<typeof DescribeLogDirsResponse>
