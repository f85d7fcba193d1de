export default { name: "later", api: 2 }
