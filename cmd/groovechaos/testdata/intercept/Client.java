import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A token, and two searches with it, by java.net.http: Client TOKEN_URL SEARCH_URL [1.1] */
public class Client {
    private static HttpClient client;

    public static void main(String[] args) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (args.length > 2) {
            builder.version(HttpClient.Version.HTTP_1_1); // it asks for HTTP/2 by itself
        }
        client = builder.build();
        String form = "grant_type=client_credentials&client_id=intercept&client_secret=secret&scope=app.music.xboxlive.com";
        String granted = call(HttpRequest.newBuilder(URI.create(args[0]))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
        String token = granted.split("\"access_token\":\"")[1].split("\"")[0];
        for (int i = 0; i < 2; i++) {
            call(HttpRequest.newBuilder(URI.create(args[1])).header("Authorization", "Bearer " + token));
        }
    }

    private static String call(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = client.send(
            request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
        String version = response.version() == HttpClient.Version.HTTP_2 ? "2" : "1.1";
        System.out.println(response.statusCode() + " " + version + " " + response.body());
        return response.body();
    }
}
