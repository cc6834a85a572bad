export default function sample(): void {} // fault
