import { storageContract } from "../testing/storage-contract.js";
import { memoryStorage } from "./memory.js";

storageContract("memory", async () => ({ storage: memoryStorage() }));
