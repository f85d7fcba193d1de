import type { Row } from "./count.ts"
export const lineage = async (_folder: string, _debug: boolean): Promise<ReadonlyArray<Row>> => []
