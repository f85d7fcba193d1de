import { askAs, type Told } from "./client.ts"
import { askDirectly, protectedSample } from "./sample-data.ts"
import { type Scene, table } from "./scene.ts"

const allowedRead: Scene = {
  title: "An agent in Berlin reads what nobody has to be protected from",
  play: async (stage) => {
    const text = "select id, city, plan from customers order by id"
    const told = await askAs(stage, "agent-berlin", "orders-eu", text)
    const there = (await askDirectly(stage.postgres, "orders_eu", text)).map((row) => Object.values(row))
    return {
      shown: [`agent-berlin=> ${text};`, ...narrate(told)],
      checks: [[
        "the rows are the database's own",
        told._tag === "Rows" && same(told.rows, there) && there.length === 3
      ]]
    }
  }
}

const maskedRead: Scene = {
  title: "The same agent reads names and accounts: they leave masked, whatever they are called",
  play: async (stage) => {
    const text = "select id, name, email as contact, iban as x, city from customers order by id"
    const told = await askAs(stage, "agent-berlin", "orders-eu", text)
    const left = JSON.stringify(told)
    return {
      shown: [`agent-berlin=> ${text};`, ...narrate(told)],
      checks: [
        ["three rows came", told._tag === "Rows" && told.rows.length === 3],
        ["no protected value is among them", !protectedSample.some((value) => left.includes(value))],
        ["the city is there, in clear", left.includes("Berlin")]
      ]
    }
  }
}

const crossZoneRead: Scene = {
  title: "An agent in Virginia asks for customers of the EU",
  play: async (stage) => {
    const text = "select id, city from customers"
    const told = await askAs(stage, "agent-virginia", "orders-eu", text)
    const own = await askAs(stage, "agent-virginia", "orders-us", text)
    return {
      shown: [
        `agent-virginia=> ${text};`,
        ...narrate(told),
        "",
        "Its own zone's customers it may see:",
        ...narrate(own)
      ],
      checks: [
        ["it was refused with 42501", told._tag === "Refused" && told.sqlstate === "42501"],
        ["the reason names the data set and where it may be seen", said(told, "eu-customers") && said(told, "us-east")],
        ["it says what to do instead", told._tag === "Refused" && told.hint !== ""],
        ["its own zone's customers came", own._tag === "Rows" && own.rows.length === 2]
      ]
    }
  }
}

const refusedWrite: Scene = {
  title: "The agent in Berlin tries to write",
  play: async (stage) => {
    const text = "update customers set plan = 'free' where id = 1"
    const told = await askAs(stage, "agent-berlin", "orders-eu", text)
    const [row] = await askDirectly(stage.postgres, "orders_eu", "select plan from customers where id = 1")
    return {
      shown: [`agent-berlin=> ${text};`, ...narrate(told)],
      checks: [
        ["it was refused with 42501", told._tag === "Refused" && told.sqlstate === "42501"],
        ["the row is as it was", row?.["plan"] === "team"]
      ]
    }
  }
}

const carriedAway: Scene = {
  title: "An agent that may work in both zones reads customers of the EU, and then writes to the US",
  play: async (stage) => {
    const ticket = "insert into tickets values (1, 'shipping label is wrong')"
    const read = "select id, city, plan from customers where id = 1"
    const leak = "insert into tickets values (2, 'she lives in Berlin')"
    const before = await askAs(stage, "agent-bridge", "orders-us", ticket)
    const seen = await askAs(stage, "agent-bridge", "orders-eu", read)
    const after = await askAs(stage, "agent-bridge", "orders-us", leak)
    const kept = await askDirectly(stage.postgres, "orders_us", "select id from tickets")
    return {
      shown: [
        `agent-bridge=> ${ticket};    -- in the US: it has seen nothing yet`,
        ...narrate(before),
        "",
        `agent-bridge=> ${read};    -- in the EU`,
        ...narrate(seen),
        "",
        `agent-bridge=> ${leak};    -- in the US, the same run`,
        ...narrate(after)
      ],
      checks: [
        ["before, its write came through", before._tag === "Rows" && kept.some(({ id }) => id === 1)],
        ["the read was answered", seen._tag === "Rows" && seen.rows.length === 1],
        ["after it, a write was refused with 42501", after._tag === "Refused" && after.sqlstate === "42501"],
        [
          "the reason names what was read and when",
          said(after, "eu-customers was seen at 20") && said(after, "orders-eu")
        ],
        ["the row is not there", !kept.some(({ id }) => id === 2)]
      ]
    }
  }
}

/** The scenes at the gateway itself, in the order of the story. */
export const gatewayScenes: ReadonlyArray<Scene> = [allowedRead, maskedRead, crossZoneRead, refusedWrite, carriedAway]

const narrate = (told: Told): ReadonlyArray<string> =>
  told._tag === "Rows" && told.fields.length === 0
    ? ["(written)"]
    : told._tag === "Rows"
    ? [...table(told.fields, told.rows), `(${told.rows.length} rows)`]
    : [
      `ERROR ${told.sqlstate}: ${told.message}`,
      ...(told.detail === "" ? [] : [`DETAIL: ${told.detail}`]),
      ...(told.hint === "" ? [] : [`HINT: ${told.hint}`])
    ]

const said = (told: Told, what: string): boolean =>
  told._tag === "Refused" && `${told.message} ${told.detail}`.includes(what)

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
