export { type Body, type BodyPiece, type Head, Http, type Request } from "./http.ts"
