export default { name: "older" }
