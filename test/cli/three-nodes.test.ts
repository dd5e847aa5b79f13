import { describeOperations } from './three-nodes-specification.ts'

void describeOperations('tkafka')
