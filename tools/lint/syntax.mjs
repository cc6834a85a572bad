/** Whether a node is `object.property` of those names, also written `object["property"]`. */
export function isMember(node, object, property) {
  return node.type === "MemberExpression" && node.object.name === object && memberName(node) === property;
}

/** The property's name of a member expression, when it is written out. */
export function memberName(node) {
  if (node.type !== "MemberExpression") return undefined;
  if (!node.computed) return node.property.name;
  return node.property.type === "Literal" ? node.property.value : undefined;
}

/** The property of an object literal, by its name. */
export function propertyNamed(object, name) {
  return object.properties.find((one) => one.type === "Property" && (one.key.name ?? one.key.value) === name);
}

/** "unitPriceMinor" and "UNIT_PRICE_MINOR" are unit, price, minor. */
export function wordsOf(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/);
}
