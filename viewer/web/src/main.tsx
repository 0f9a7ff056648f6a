import "./tokens.css";
import { render } from "preact";
import { t } from "./i18n";

render(<main>{t("app.loading")}</main>, document.getElementById("app")!);
