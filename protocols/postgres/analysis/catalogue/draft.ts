import {
  canonicalName,
  type Relation,
  type Routine,
  type Snapshot,
  type UserCast,
  type UserOperator,
  type UserType
} from "./snapshot.ts"

/** A snapshot while it is being made. */
export class Draft {
  path: ReadonlyArray<string>
  readonly schemas: Set<string>
  readonly relations: Map<string, Relation>
  readonly routines: Map<string, ReadonlyArray<Routine>>
  readonly types: Map<string, UserType>
  readonly operators: Map<string, ReadonlyArray<UserOperator>>
  readonly casts: Array<UserCast>
  readonly servers: Map<string, string | undefined>
  readonly version: number

  constructor(from: Snapshot) {
    this.version = from.version
    this.path = from.path
    this.schemas = new Set(from.schemas)
    this.relations = new Map(from.relations)
    this.routines = new Map(from.routines)
    this.types = new Map(from.types)
    this.operators = new Map(from.operators)
    this.casts = [...from.casts]
    this.servers = new Map(from.servers)
  }

  putRelation(relation: Relation): void {
    this.relations.set(canonicalName(relation.schema, relation.name), relation)
  }

  putType(type: UserType): void {
    this.types.set(canonicalName(type.schema, type.name), type)
  }

  /** Adds an overload: every one that was ever declared is judged. */
  putRoutine(routine: Routine): void {
    const name = canonicalName(routine.schema, routine.name)
    this.routines.set(name, [...this.routines.get(name) ?? [], routine])
  }

  putOperator(operator: UserOperator): void {
    this.operators.set(operator.name, [...this.operators.get(operator.name) ?? [], operator])
  }

  /** The snapshot as it now stands. The draft is not used after this. */
  seal(version = this.version): Snapshot {
    const children = new Map<string, Array<string>>()
    for (const [name, { parents }] of this.relations) {
      for (const parent of parents) {
        const siblings = children.get(parent)
        if (siblings === undefined) children.set(parent, [name])
        else siblings.push(name)
      }
    }
    const { path, schemas, relations, routines, types, operators, casts, servers } = this
    return { version, path, schemas, relations, children, routines, types, operators, casts, servers }
  }
}
