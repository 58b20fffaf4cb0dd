import SwaggerParser from "@apidevtools/swagger-parser";

await SwaggerParser.validate("openapi.json");
console.log("ok: @apidevtools/swagger-parser");
