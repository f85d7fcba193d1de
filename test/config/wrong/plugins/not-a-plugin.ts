export default { name: "half", api: 1, config: {} }
